import { availableParallelism } from 'node:os';

// Begun first, so that no core is idle at the end.
const LONGEST = [
  'test/sweep/redis',
  'test/judge/mutants',
  'test/explorer/page',
  'test/cli/compare',
  'test/sweep/',
  'test/cli/what-if',
  'test/paper/reproduce',
  'test/docs',
  'test/judge/comparison',
];
const rank = (file) => {
  const at = LONGEST.findIndex((name) => file.includes(name));
  return at < 0 ? LONGEST.length : at;
};

export const shared = {
  typescript: {
    rewritePaths: { 'src/': 'dist/src/', 'sim/': 'dist/sim/', 'test/': 'dist/test/' },
    compile: false,
  },
  sortTestFiles: (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
};

/** `npm test`: needs Node.js alone. */
export default {
  ...shared,
  files: ['test/**/*.test.ts', '!test/**/*.long.test.ts', '!test/bench/**'],
  // Tests of servers and processes wait more than they compute.
  concurrency: Math.max(3, availableParallelism()),
  timeout: '5m',
};
