import { testFuzzers } from './fuzz-tests.js';

// The same each time, so that what fails is what was changed; `explore.ts` takes other seeds.
testFuzzers(10_000, 2);
