import { declare } from './declare.js';

export const schema = declare({
  name: 'schema',
  about: 'the JSON Schema of scenarios, for editors',
});
