import { energyUnit, fixed } from '../../report/numbers.js';
import type { PolicyFacts } from '../../viewer/run-facts.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The pinned result beside the present one. */
export function Comparison(props: {
  pinned: ShownRun;
  now: ShownRun;
  isPinnedShown: boolean;
  onShow: (isPinned: boolean) => void;
  onBack: () => void;
  onUnpin: () => void;
}) {
  const { pinned, now, isPinnedShown, onShow, onBack, onUnpin } = props;
  const [a, b] = [ofDrawn(pinned), ofDrawn(now)];
  if (a === undefined || b === undefined) return null;
  return (
    <section class="comparison" aria-label="Pinned and now">
      <h2>A (pinned) and B (now): {difference(a, b)}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Figures of A and B">
        <ComparisonTable a={a} b={b} />
      </div>
      <div class="actions">
        <div role="group" aria-label="Pictures of" class="switch">
          {[true, false].map((isPinned) => (
            <button
              key={String(isPinned)}
              type="button"
              aria-pressed={isPinned === isPinnedShown}
              onClick={() => {
                onShow(isPinned);
              }}
            >
              {isPinned ? 'Show A' : 'Show B'}
            </button>
          ))}
        </div>
        <button type="button" onClick={onBack}>
          Go back to A
        </button>
        <button type="button" onClick={onUnpin}>
          Unpin
        </button>
      </div>
    </section>
  );
}

/** A figure that is compared. @param unitOf the unit of both, from the larger one. */
interface Row {
  readonly title: string;
  readonly of: (facts: PolicyFacts) => number;
  readonly digits: number;
}

function rowsFor(a: PolicyFacts, b: PolicyFacts): readonly Row[] {
  const unit = energyUnit(Math.max(a.energyJ, b.energyJ));
  return [
    { title: 'energy saved, %', of: ({ savingPct }) => savingPct, digits: 2 },
    { title: `energy, ${unit.name}`, of: ({ energyJ }) => energyJ / unit.joules, digits: 3 },
    { title: 'time, s', of: ({ timeS }) => timeS, digits: 3 },
    {
      title: 'GPUs wait, % of the time',
      of: ({ waitsForStagesPct, waitsForStragglerPct }) => waitsForStagesPct + waitsForStragglerPct,
      digits: 1,
    },
  ];
}

function ComparisonTable({ a, b }: { a: PolicyFacts; b: PolicyFacts }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">planned</th>
          <th scope="col">A: {a.policy}</th>
          <th scope="col">B: {b.policy}</th>
          <th scope="col">B − A</th>
        </tr>
      </thead>
      <tbody>
        {rowsFor(a, b).map(({ title, of, digits }) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            <td>{fixed(of(a), digits)}</td>
            <td>{fixed(of(b), digits)}</td>
            <td>{signed(of(b) - of(a), digits)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The facts of the policy that is drawn. */
function ofDrawn({ facts, headline }: ShownRun): PolicyFacts | undefined {
  return facts.policies.find(({ policy }) => policy === headline.policy);
}

/** `B saves 3.25 points more and takes 1.20 s longer` */
function difference(a: PolicyFacts, b: PolicyFacts): string {
  const points = fixed(Math.abs(b.savingPct - a.savingPct), 2);
  const seconds = fixed(Math.abs(b.timeS - a.timeS), 2);
  const saves =
    Number(points) === 0
      ? 'B saves as much'
      : `B saves ${points} points ${b.savingPct > a.savingPct ? 'more' : 'less'}`;
  const takes =
    Number(seconds) === 0
      ? 'takes as long'
      : `takes ${seconds} s ${b.timeS > a.timeS ? 'longer' : 'less'}`;
  return `${saves} and ${takes}`;
}

function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return Number(text) > 0 ? `+${text}` : text.replace('-', '−');
}
