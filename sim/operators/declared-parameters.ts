import { predictionParameters, shapeParameters, type ModelShape } from './model-shape.js';

/** The relative error of a declared number that is accepted silently. */
const TOLERANCE = 0.03;

/** A size in a name: `70B`, `0.5b`, `1.1T`; neither `8x7B` nor the active parameters of `A22B`. */
const SIZE = /(?:^|[^a-z0-9.])(\d+(?:\.\d+)?)(b|t|m)(?![a-z0-9])/i;

const UNITS = { m: 1e6, b: 1e9, t: 1e12 } as const;

interface Declared {
  readonly parameters: number;
  /** The uncertainty left by its digits. */
  readonly slack: number;
  readonly said: string;
}

/**
 * A doubt about a model with weights that differ by more than 3 % from its declared number, in a
 * field or in its name, which has few digits. Embeddings shared by input and output may be counted
 * once or twice, and blocks that predict later tokens counted or not.
 *
 * @param parameters as given in a field.
 */
export function parameterNote(shape: ModelShape, parameters?: number): string | undefined {
  const declared = parameters === undefined ? fromName(shape.name) : fromField(parameters);
  if (declared === undefined) return undefined;
  const made = shapeParameters(shape);
  const again = shape.tiedEmbeddings ? shape.vocabulary * shape.hidden : 0;
  const counts = [0, predictionParameters(shape)].flatMap((more) => [
    made + more,
    made + more + again,
  ]);
  const least = Math.min(...counts.map((count) => Math.abs(count - declared.parameters)));
  if (least <= Math.max(TOLERANCE * declared.parameters, declared.slack)) return undefined;
  const pct = 100 * (made / declared.parameters - 1);
  return (
    `its dimensions make ${billions(made)} parameters, ${Math.abs(pct).toFixed(1)} % ` +
    `${pct > 0 ? 'more' : 'fewer'} than ${declared.said}; check them`
  );
}

const billions = (count: number) => `${Number((count / 1e9).toPrecision(4))} · 10⁹`;

function fromField(parameters: number): Declared {
  return { parameters, slack: 0, said: `the field parameters says, ${billions(parameters)}` };
}

/** The size in the last part of a path that has one. */
function fromName(name: string): Declared | undefined {
  const parts = name
    .replace(/\.json$/i, '')
    .split(/[/\\]/)
    .slice(-2)
    .reverse();
  for (const part of parts) {
    const [, digits, letter] = SIZE.exec(part) ?? [];
    if (digits === undefined || letter === undefined) continue;
    const unit = UNITS[letter.toLowerCase() as keyof typeof UNITS];
    const decimals = digits.split('.')[1]?.length ?? 0;
    return {
      parameters: Number(digits) * unit,
      slack: (unit * 10 ** -decimals) / 2,
      said: `its name says, ${digits}${letter}`,
    };
  }
  return undefined;
}
