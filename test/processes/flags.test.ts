import test from 'ava';
import { flagsOfChildren } from '../../sim/processes/contained-process.js';

test('children run their module, whatever runs their parent', (t) => {
  const kept = ['--enable-source-maps', '--require', './mine.cjs', '--max-semi-space-size=64'];
  t.deepEqual(flagsOfChildren(kept), kept);
  t.deepEqual(flagsOfChildren(['--input-type=module', '-e', 'import("pipewatt")', ...kept]), kept);
  t.deepEqual(flagsOfChildren([...kept, '--input-type', 'module', '--eval', '1']), kept);
  t.deepEqual(flagsOfChildren(['-p', 'run()', '--watch', '--test', '-i']), []);
});
