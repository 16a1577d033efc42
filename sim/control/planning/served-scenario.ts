import { InputError, type Problem } from '../../../src/errors.js';
import { foundValue } from '../../../src/problem-list.js';
import type { CatalogLibrary } from '../../hardware/catalog-library.js';
import { loadScenarioObject, withLines, type LoadedScenario } from '../../scenario/scenario.js';
import { readYaml } from '../../scenario/yaml-file.js';
import type { Degrees } from './planning-request.js';

/** The name of a job's scenario in messages. */
export const SERVED_SCENARIO = 'the scenario';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the scenario of a job, whose degrees are those that it registered with.
 *
 * @param library reads the profile that the scenario names.
 * @throws InputError with every problem, degrees that contradict the registered ones included.
 */
export function servedScenario(
  text: string,
  degrees: Degrees,
  library: CatalogLibrary,
): LoadedScenario {
  const { value } = readYaml(text, SERVED_SCENARIO);
  const contradictions: Problem[] = [];
  const completed = withDegrees(value, degrees, contradictions);
  const problems: Problem[] = [...contradictions];
  let loaded: LoadedScenario | undefined;
  try {
    loaded = loadScenarioObject(completed, SERVED_SCENARIO, library);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problems.push(...error.problems);
  }
  if (problems.length > 0) throw withLines(new InputError(problems), text, SERVED_SCENARIO);
  return loaded!;
}

/** A scenario with the registered degrees in their places; contradicting ones are reported. */
function withDegrees(value: unknown, { pp, dp, tp }: Degrees, problems: Problem[]): unknown {
  if (!isFields(value)) return value;
  const put = (fields: Fields, key: string, path: string, count: number, degree: string) => {
    const found = fields[key];
    if (found !== undefined && found !== count) {
      problems.push({
        source: SERVED_SCENARIO,
        field: path,
        message: `found ${foundValue(found)}, but the job registered with ${degree} ${count}; leave it out, or write ${count}`,
      });
    }
    return { ...fields, [key]: count };
  };
  const pipeline = value['pipeline'] ?? {};
  const staged = isFields(pipeline)
    ? put(pipeline, 'stages', 'pipeline.stages', pp, 'pp_degree')
    : pipeline;
  const inPipelines = put(value, 'pipelines', 'pipelines', dp, 'dp_degree');
  const completed = put(inPipelines, 'tensorParallel', 'tensorParallel', tp, 'tp_degree');
  return { name: 'served job', ...completed, pipeline: staged };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
