import { testFuzzers } from './fuzz-tests.js';

/** A short look at everything, the same each time; `npm run test:long` looks longer, at others. */
testFuzzers(400, 1);
