import { checksPassed } from '../support/python-checks.js';
import { testWithPandas, testWithPython } from '../support/python.js';

testWithPython(
  'all checks of the Python module pass with the standard library alone',
  (t, command) => {
    t.is(checksPassed(t, command, { flags: ['-S', '-I'], without: 'pandas numpy' }), 30);
  },
);

testWithPandas('all checks of the Python module pass with pandas', (t, command) => {
  t.is(checksPassed(t, command, {}), 30);
});
