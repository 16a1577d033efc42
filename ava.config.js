export default {
  files: ['test/**/*.test.ts', '!test/bench/**'],
  typescript: {
    rewritePaths: { 'src/': 'dist/src/', 'sim/': 'dist/sim/', 'test/': 'dist/test/' },
    compile: false,
  },
  timeout: '5m',
};
