import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/errors.js';
import type { Call } from './declare.js';
import type { explore as declared } from './explore-options.js';
import { CommandFiles } from './command-files.js';
import { linkToScenario } from './explore-link.js';
import { scenarioPath } from '../disk/shipped-scenarios.js';
import { addressOf, listeningError } from './listening.js';
import { guarded, pageHandler } from './page-server.js';
import { OptionReader } from './options.js';

/** The built page; this file runs as dist/sim/cli/explore-command.js. */
const PAGE = fileURLToPath(new URL('../../explorer/', import.meta.url));

/** `pipewatt explore`: serves the what-if page until it is stopped; prints the link to a scenario. */
export async function exploreCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal, args } = call;
  const [scenario] = args;
  const options = new OptionReader(call);
  const port = options.get('--port');
  const host = options.get('--host');
  const gathering = options.gathered();
  const link =
    scenario === undefined
      ? undefined
      : await gathering.attemptAsync(() =>
          linkToScenario(scenarioPath(scenario), new CommandFiles(call)),
        );
  gathering.throwIfAny();
  if (!existsSync(`${PAGE}index.html`)) {
    throw InputError.of({
      source: 'pipewatt explore',
      message: `the page is missing (${PAGE}); build it with npm run build:web`,
    });
  }
  const server = createServer(
    guarded(pageHandler(PAGE), (sentence) => {
      terminal.err(`${sentence}\n`);
    }),
  );
  await listen(server, port, host);
  terminal.out(
    `${addressOf(host, (server.address() as AddressInfo).port)}${link === undefined ? '' : `#${link}`}\n`,
  );
  terminal.err('serves the what-if page there; Ctrl-C stops\n');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  server.closeAllConnections();
  server.close();
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(listeningError('pipewatt explore', error, port, host));
    });
    server.listen(port, host, resolve);
  });
}
