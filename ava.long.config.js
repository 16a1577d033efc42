import { shared } from './ava.config.js';

/** `npm run test:long`: kills, mutants, whole reproductions, the packed tarball. */
export default {
  ...shared,
  files: ['test/**/*.long.test.ts'],
  timeout: '15m',
};
