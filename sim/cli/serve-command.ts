import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { visibleLine } from '../../src/visible.js';
import { startPlanning } from '../control/planning/start-planning.js';
import { controlServer, type ControlServer } from '../control/serve.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { addressOf, listeningError } from './listening.js';
import { OptionReader } from './options.js';
import type { serve as declared } from './serve-options.js';
import { servedDefaults, tokenOf } from './serve-settings.js';
import { VERSION } from './version.js';

/** `pipewatt serve`: answers training jobs until it is stopped; then finishes what it has begun. */
export async function serveCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const options = new OptionReader(call);
  options.readAll();
  const files = new CommandFiles(call);
  const gathering = options.gathered();
  const defaults = servedDefaults(options, files, gathering);
  const token = gathering.attempt(() => tokenOf(options));
  gathering.throwIfAny();
  options.finish();
  const host = options.get('--host');
  const data = options.get('--data');
  const server = await controlServer({
    ...{ data, defaults, version: VERSION, planning: startPlanning() },
    rules: { host, ...(token === undefined ? {} : { token }) },
    warn: (sentence) => {
      terminal.err(`pipewatt: ${visibleLine(sentence)}\n`);
    },
  });
  // Before the address is printed: who reads it may send a signal at once.
  const stopped = new Promise<void>((stop) => {
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
  await listen(server, options.get('--port'), host);
  const { port } = server.app.server.address() as AddressInfo;
  terminal.out(`${addressOf(host, port)}\n`);
  terminal.err(
    `serves training jobs there; keeps them in ${visibleLine(resolve(data))}, which has ${server.jobs.size}; Ctrl-C stops\n`,
  );
  await stopped;
  await server.close();
}

async function listen(server: ControlServer, port: number, host: string): Promise<void> {
  try {
    await server.app.listen({ port, host });
  } catch (error) {
    await server.close();
    throw listeningError('pipewatt serve', error, port, host);
  }
}
