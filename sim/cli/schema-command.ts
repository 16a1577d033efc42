import { scenarioJsonSchema } from '../scenario/scenario-schema.js';
import type { Call } from './declare.js';
import type { schema as declared } from './schema-options.js';

/** `pipewatt schema`: the JSON Schema of scenarios. */
export function schemaCommand({ terminal }: Call<typeof declared>): undefined {
  terminal.out(scenarioJsonSchema());
}
