import { testFuzzers } from './fuzz-tests.js';

testFuzzers(10_000);
