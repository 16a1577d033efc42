// Begun first, so that no core is idle at the end.
const LONGEST = [
  'test/sweep/redis',
  'test/judge/mutants',
  'test/cli/compare',
  'test/sweep/sweep',
  'test/explorer/page',
  'test/cli/what-if',
  'test/studies/reproduce',
  'test/docs',
  'test/judge/comparison',
];
const rank = (file) => {
  const at = LONGEST.findIndex((name) => file.includes(name));
  return at < 0 ? LONGEST.length : at;
};

export default {
  files: ['test/**/*.test.ts', '!test/bench/**'],
  typescript: {
    rewritePaths: { 'src/': 'dist/src/', 'sim/': 'dist/sim/', 'test/': 'dist/test/' },
    compile: false,
  },
  sortTestFiles: (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  timeout: '5m',
};
