import { scenarioJsonSchema } from '../scenario/scenario-schema.js';
import type { Call } from './declare.js';
import type { schema } from './schema-options.js';

/** `pipewatt schema`: the JSON Schema of scenarios. */
export function schemaCommand({ terminal }: Call<typeof schema>): undefined {
  terminal.out(scenarioJsonSchema());
}
