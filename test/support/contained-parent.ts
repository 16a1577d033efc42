import { ContainedProcess } from '../../sim/processes/contained-process.js';

/** A parent that is to be killed: says which processes it has begun, and waits for a busy one. */
const contained = new ContainedProcess({
  module: new URL('./contained-module.js', import.meta.url),
  memoryMB: 1024,
  isForeign: true,
});
const pid = await contained.ask('pid');
await contained.ask('begin', {
  onTold: (began) => {
    process.stdout.write(`${JSON.stringify([(pid as { answer: number }).answer, began])}\n`);
  },
});
