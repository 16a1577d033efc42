import { flattenNotes, flattenSentences, flattenTables } from '../../report/text/flatten-table.js';
import { conclusion, textsOf } from '../../report/text/run-sentences.js';
import { UNITS_TITLE } from '../../report/text/unit-table.js';
import { clockShares } from '../../report/charts/clock-chart.js';
import { frontierPicture } from '../../report/charts/frontier-chart.js';
import { timelineOf } from '../../report/timeline/timeline.js';
import type { FlattenedResult } from '../../power/flatten/flatten-watch.js';
import type { KeptRun } from '../../run/kept-run.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { ActivationPeaks } from '../activation-peaks.js';
import { DataChart } from '../data-chart.js';
import { DataTable } from '../data-table.js';
import { Frontier } from '../frontier/frontier.js';
import { Headline } from '../headline.js';
import { Island } from '../island.js';
import { LedgerBars } from '../ledger-bars.js';
import { PolicyTable } from '../policy-table.js';
import { Power } from '../power.js';
import { shownRun, type ShownRun } from '../shown-run.js';
import { frontierCaption, PlansTable } from './plans-table.js';
import { Code, Notes, Section, Summary } from './prose.js';
import { reportPage, type ReportMaker } from './report-page.js';
import { TimelineFigure } from './timeline-figure.js';

/** The source of a report, from which it can be made again. */
export interface ReportSource extends ReportMaker {
  /** The file's name. */
  readonly file: string;
  /** The file as it was read. */
  readonly text: string;
  /** The link of the what-if page to the scenario, after the `#`; without it the report names none. */
  readonly link?: string | undefined;
}

/**
 * One run as a page: the saving in words, the pictures that explain it, then tables, clocks, notes, and how to
 * run it again.
 */
export function runReport(result: FlattenedResult, kept: KeptRun, source: ReportSource): string {
  const { scenario, title } = result;
  const run = shownRun({ ...result, kept });
  return reportPage({
    title: `${scenario.name}: ${title}`,
    made: source,
    children: (
      <>
        <Story result={result} run={run} kept={kept} />
        <Tables result={result} run={run} />
        <Section heading="Clocks">
          <div class="narrow">
            <DataChart
              kind="clocks"
              data={clockShares(kept)}
              label="The clocks at which each stage computes"
            />
          </div>
          <Notes notes={[CLOCKS_NOTE]} />
        </Section>
        <ActivationPeaks peaks={run.peaks} />
        <RunAgain result={result} source={source} />
      </>
    ),
  });
}

const CLOCKS_NOTE =
  'The wider a bar, the more of its computing time a stage runs at that clock; all pipelines.';

interface Told {
  readonly result: FlattenedResult;
  readonly run: ShownRun;
  readonly kept: KeptRun;
}

/** The saving, and the pictures that say where it comes from. */
function Story({ result, run, kept }: Told) {
  const { policies } = result;
  const frontier = frontierPicture(kept);
  return (
    <>
      {policies.length < 2 ? (
        <Summary sentences={textsOf(conclusion(result))} />
      ) : (
        <Headline run={run} kind="saving" />
      )}
      {run.caveats.length > 0 && (
        <ul class="caveats">
          {run.caveats.map((caveat) => (
            <li key={caveat}>{caveat}</li>
          ))}
        </ul>
      )}
      <Section heading="One iteration, before and after planning">
        <TimelineFigure timeline={timelineOf(kept)} kept={kept} />
      </Section>
      <div class="side-by-side">
        <Section heading="Time and energy">
          <Island name="frontier" data={{ frontier: run.frontier }}>
            <Frontier frontier={run.frontier} />
          </Island>
          <Notes notes={[frontierCaption(frontier)]} />
          <PlansTable picture={frontier} />
        </Section>
        <section>
          <LedgerBars ledgers={run.ledgers} />
        </section>
      </div>
      <section>
        <Power run={run} />
      </section>
    </>
  );
}

/** Every figure of the command line's tables, and its notes. */
function Tables({ result, run }: { readonly result: FlattenedResult; readonly run: ShownRun }) {
  const flattened = flattenTables(result);
  return (
    <>
      <Section heading="Energy bloat removed">
        <PolicyTable columns={run.columns} label="Energy bloat removed" />
        {run.unitColumns.length > 0 && (
          <PolicyTable columns={run.unitColumns} label={UNITS_TITLE} />
        )}
        <Notes notes={run.notes} />
      </Section>
      {flattened.length > 0 && (
        <Section heading="Power over time, flattened">
          {flattened.map(({ title, head, rows }) => (
            <>
              <Notes notes={[title]} />
              <DataTable head={head} rows={rows} label={title} />
            </>
          ))}
          <Notes notes={[...flattenSentences(result), ...flattenNotes(result)]} />
        </Section>
      )}
      <Section heading="What was run">
        <Notes notes={run.heading} />
      </Section>
    </>
  );
}

/** The address at which `pipewatt explore` serves the page. */
const PAGE_ADDRESS = 'http://127.0.0.1:4200/';

function RunAgain(props: { readonly result: ScenarioResult; readonly source: ReportSource }) {
  const { scenario } = props.result;
  const { file, text, link } = props.source;
  const seeds =
    scenario.seeds === 1
      ? `Seed ${scenario.seed}.`
      : `Seeds ${scenario.seed} to ${scenario.seed + scenario.seeds - 1}.`;
  const beside =
    'csv' in scenario.profile ? ` The profile ${scenario.profile.csv} must be beside it.` : '';
  return (
    <Section heading="Run it again">
      <Notes
        notes={[
          `${seeds} The same scenario, seed and version give the same numbers. Save the scenario as ${file}.${beside}`,
        ]}
      />
      <Code text={`npx pipewatt run ${file}`} />
      <Code text={text} />
      {link !== undefined && (
        <p>
          To change it and see what happens, start <code>npx pipewatt explore</code> and open{' '}
          <a href={`${PAGE_ADDRESS}#${link}`}>this scenario in the what-if page</a>.
        </p>
      )}
    </Section>
  );
}
