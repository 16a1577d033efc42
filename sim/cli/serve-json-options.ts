import { declare, optionalNumber } from './declare.js';

export const serveJson = declare({
  name: 'serve-json',
  about: 'answers requests of another program: a line of JSON each, on standard input and output',
  options: {
    '--parent': optionalNumber('<pid>', 'ends with this process (default: the one that began it)', {
      min: 1,
      whole: true,
    }),
  },
  remarks: [
    'A request: {"id": 1, "method": "run", "params": {"name": "quick-start"}}. Its answer has the same id,',
    'and "result" or "error". docs/python.md has all methods; examples/python/pipewatt.py is a client.',
  ],
  example: `echo '{"id":1,"method":"catalog"}' | pipewatt serve-json`,
});
