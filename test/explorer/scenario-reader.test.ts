import test from 'ava';
import { shownProblem } from '../../sim/explorer/form-labels.js';
import { linkOf, contentOfLink } from '../../sim/explorer/link.js';
import type { Report } from '../../sim/explorer/messages.js';
import type { WorkerLike } from '../../sim/explorer/question-lane.js';
import { openWhatIf, readScenario } from '../../sim/explorer/scenario-reader.js';
import { filesOf, startingWhatIf } from '../../sim/explorer/what-if.js';
import { scenarioOf } from '../support/made-up.js';

/** A worker that reads, or keeps silent after it has started. */
class ReadingWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  isTerminated = false;

  constructor(private readonly isSilent = false) {}

  postMessage({ read }: { read: { name: string; yaml: string } }): void {
    this.tell({ kind: 'choices', choices: { models: [], gpus: [], measured: [] } });
    if (!this.isSilent) this.tell({ kind: 'read', read: readScenario(read) });
  }

  terminate(): void {
    this.isTerminated = true;
  }

  private tell(report: Report): void {
    this.onmessage?.call(this as unknown as Worker, { data: report } as MessageEvent<Report>);
  }
}

/** Patience ends at once, or never. */
const clock = (isOver: boolean) => ({
  nowMs: () => 0,
  after: (_delayMs: number, act: () => void) => {
    if (isOver) act();
    return () => undefined;
  },
});

test('a what-if is read by a worker of its own, its profile with it', async (t) => {
  const whatIf = startingWhatIf();
  const csv = { name: 'p.csv', text: 'x' };
  const worker = new ReadingWorker();
  const opened = await openWhatIf({ ...filesOf(whatIf), csv }, () => worker, clock(false));
  t.deepEqual(opened, { scenario: whatIf.scenario, csv });
  t.true(worker.isTerminated);
});

test('a scenario that is wrong, too long or takes too long is a sentence', async (t) => {
  const open = async (yaml: string, isSilent = false) => {
    const worker = new ReadingWorker(isSilent);
    const error = await t.throwsAsync(
      openWhatIf({ name: 's.yaml', yaml }, () => worker, clock(isSilent)),
    );
    return { message: error.message, isTerminated: worker.isTerminated };
  };
  t.deepEqual(await open('name: x', true), {
    message: 's.yaml: takes too long to be read; is it a scenario?',
    isTerminated: true,
  });
  const long = await open('#'.repeat(250_001));
  t.is(long.message, 's.yaml: found 250001 characters, expected at most 250000 of a scenario');
  const { scenario } = startingWhatIf();
  const typed = { ...scenario, pipeline: { ...scenario.pipeline, stages: 0 } };
  const wrong = await open(filesOf({ scenario: typed }).yaml);
  t.regex(wrong.message, /^s\.yaml:\d+, pipeline\.stages: found 0, expected /);
});

test('a link that unpacks to more than it may hold is not unpacked', async (t) => {
  const link = await linkOf({ name: 's.yaml', yaml: 'x'.repeat(9_000_000) });
  t.true(link.length < 20_000);
  await t.throwsAsync(contentOfLink(link), {
    message: /^This link holds \d+ characters or more, expected at most 8000000; /,
  });
});

test('a problem names the control that it is about, another file by its name and line', (t) => {
  const stragglers = [
    { pipeline: 1, slowdown: 2, stage: 0 },
    { pipeline: 0, slowdown: 1.2 },
  ];
  const scenario = scenarioOf({ name: 'mine', pipelines: 2, stragglers });
  const shown = (field: string | undefined, message: string, source = 'mine.yaml') =>
    shownProblem({ source, line: 5, ...(field === undefined ? {} : { field }), message }, scenario);
  const found = 'found 0, expected a number of at least 1';
  t.deepEqual(shown('pipeline.stages', found), {
    text: `Stages: ${found}`,
    beside: { label: 'Stages', text: found },
  });
  t.is(shown('imbalance.factors[3]', found).beside?.label, 'Stage 3');
  t.is(shown('power.blockingW', found).beside?.label, 'Power of a GPU that waits');
  t.is(shown('stragglers[1].slowdown', found).beside?.label, 'Straggler slowdown');
  t.is(shown('stragglers[0].slowdown', found).beside, undefined, 'the slider is for the other one');
  t.deepEqual(shown('timing.loadingS', found), { text: `timing.loadingS: ${found}` });
  t.is(
    shown('seed', 'found NaN, expected a number').beside?.text,
    'found no number, expected a number',
  );
  t.deepEqual(shown('column "time"', 'found "x"', 'p.csv'), {
    text: 'p.csv:5, column "time": found "x"',
  });
  t.is(shown('y'.repeat(60_000), found).text.length, 401, 'cut, with a sign that it was');
  const chunks = scenarioOf({
    pipeline: { stages: 2, microbatches: 4, schedule: 'interleaved', chunks: 2 },
  });
  const problem = { source: 'test.yaml', field: 'imbalance.factors[1]', message: found };
  t.is(shownProblem(problem, chunks).beside?.label, 'Chunk 1');
});
