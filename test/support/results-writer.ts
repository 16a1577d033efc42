/** Writes runs into a file of results for ever, as a sweep does, and often moves its log into the file. */
import { SweepStore, type NewRun } from '../../sim/sweep/store.js';
import { resultRow } from './result-rows.js';

const store = await SweepStore.open(process.argv[2]!);
const identity = { name: 's', version: '0', runs: 1_000_000, hash: 'h' };
await store.setIdentity({ ...identity, fields: ['pipelines'], policies: ['a', 'b'] });

function runOf(index: number): NewRun {
  const rows = ['a', 'b'].map((policy) => resultRow({ scenario: 's', policy }));
  const ledger = Array.from({ length: 20 }, (_, k) => {
    return { policy: 'a', account: `account ${k}`, energyJ: k };
  });
  return {
    result: { index, error: null, rows, ledger },
    provenance: { version: '0', commit: 'c', scenarioHash: `${index}`, seed: 1 },
    parameters: { pipelines: index },
  };
}

for (let batch = 0; ; batch++) {
  await store.add(Array.from({ length: 20 }, (_, k) => runOf(20 * batch + k)));
  if (batch % 3 === 2) await store.query('CHECKPOINT');
  if (batch === 3) process.send!('begun');
}
