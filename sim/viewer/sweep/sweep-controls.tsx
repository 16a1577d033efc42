import { metricTitle } from '../../report/sweep/metric-title.js';
import {
  moved,
  PLACES,
  type SweepChoice,
  type SweepWish,
} from '../../report/sweep/sweep-choice.js';
import type { SweepData } from '../../report/sweep/sweep-data.js';
import { valueText } from '../../report/numbers.js';

type Kept = Readonly<Record<string, unknown>>;

interface SweepControlsProps {
  /** All runs, and those that are shown. */
  readonly all: SweepData;
  readonly data: SweepData;
  readonly choice: SweepChoice | undefined;
  readonly policy: string;
  readonly wish: SweepWish;
  readonly setWish: (wish: SweepWish) => void;
  /** Values to which the runs are limited. */
  readonly kept: Kept;
  readonly setKept: (kept: Kept) => void;
}

const PLACE_LABELS = {
  x: 'across',
  y: 'up',
  across: 'panels across',
  down: 'panels down',
} as const;

function keepPage(event: Event): void {
  event.preventDefault();
}

/** Choices of the reader: axes, figure, policy, and which runs are shown. */
export function SweepControls(props: SweepControlsProps) {
  const { all, data, choice, policy, wish, setWish, kept, setKept } = props;
  const figures = figuresOf(all);
  const policies = data.policies.filter((name) => name !== 'max-frequency');
  const kinds = data.axes.length > 1 ? (['heat map', 'lines'] as const) : (['lines'] as const);
  const change = (part: SweepWish) => {
    setWish({ ...wish, ...part });
  };
  return (
    <form class="choices screen-only" onSubmit={keepPage}>
      {choice !== undefined && (
        <Choice
          label="chart"
          values={kinds}
          value={choice.kind}
          set={(kind) => {
            change({ kind });
          }}
        />
      )}
      <Choice
        label="figure"
        values={figures}
        value={wish.metric ?? figures[0]!}
        text={metricTitle}
        set={(metric) => {
          change({ metric });
        }}
      />
      <Choice
        label="policy"
        values={policies}
        value={policy}
        set={(name) => {
          change({ policy: name });
        }}
      />
      {choice !== undefined && <AxisChoices {...{ data, choice, change }} />}
      <fieldset>
        <legend>only runs with</legend>
        {all.axes.map(({ field, values }) => (
          <Choice
            key={field}
            label={field}
            values={[undefined, ...values]}
            value={kept[field]}
            text={(value) => (value === undefined ? 'all' : valueText(value))}
            set={(value) => {
              const { [field]: _, ...others } = kept;
              setKept(value === undefined ? others : { ...others, [field]: value });
            }}
          />
        ))}
      </fieldset>
    </form>
  );
}

/** Columns of numbers that a chart can show: all figures that a report holds, and no fields. */
function figuresOf({ columns, fields }: SweepData): string[] {
  const known = Object.keys(columns).filter(
    (name) => !fields.includes(name) && !['run', 'policy', 'seed'].includes(name),
  );
  const first = 'simulated_saving_pct';
  return [first, ...known.filter((name) => name !== first)];
}

interface AxisChoicesProps {
  readonly data: SweepData;
  readonly choice: SweepChoice;
  readonly change: (wish: SweepWish) => void;
}

/** The places of axes, and the values at which those without a place are held. */
function AxisChoices({ data, choice, change }: AxisChoicesProps) {
  const fields = data.axes.map(({ field }) => field);
  const places = PLACES.filter((place) => place !== 'y' || choice.kind === 'heat map');
  const held = data.axes.filter(({ field }) => Object.hasOwn(choice.at, field));
  return (
    <>
      {places.map((place) => {
        const isOptional = place === 'across' || place === 'down';
        if (isOptional && fields.length < 2) return null;
        return (
          <Choice
            key={place}
            label={PLACE_LABELS[place]}
            values={isOptional ? [undefined, ...fields] : fields}
            value={choice[place]}
            text={(field) => field ?? 'none'}
            set={(field) => {
              change(moved(choice, place, field));
            }}
          />
        );
      })}
      {held.map(({ field, values }) => (
        <Choice
          key={field}
          label={`${field} at`}
          values={values}
          value={choice.at[field]}
          text={valueText}
          set={(value) => {
            change({ at: { ...choice.at, [field]: value } });
          }}
        />
      ))}
    </>
  );
}

interface ChoiceProps<T> {
  readonly label: string;
  readonly values: readonly T[];
  readonly value: T;
  readonly text?: (value: T) => string;
  readonly set: (value: T) => void;
}

/** A list of values of any type, of which one is chosen. */
function Choice<T>({ label, values, value, text = String, set }: ChoiceProps<T>) {
  return (
    <label>
      {label}{' '}
      <select
        aria-label={label}
        value={String(values.indexOf(value))}
        onChange={({ currentTarget }) => {
          set(values[Number(currentTarget.value)]!);
        }}
      >
        {values.map((each, k) => (
          <option key={k} value={String(k)}>
            {text(each)}
          </option>
        ))}
      </select>
    </label>
  );
}
