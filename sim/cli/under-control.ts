import { addressWithoutPassword } from '../../src/passwords.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { controlConnection } from '../control/client/control-connection.js';
import { ControlServer } from '../control/client/control-server.js';
import type { LiveConnection } from '../run/live-plans.js';
import type { LoadedScenario } from '../scenario/scenario.js';
import type { CommandFiles } from './command-files.js';
import type { OptionReader } from './options.js';
import type { run as declared } from './run-options.js';

/** A run whose plans come from a server. */
export interface UnderControl {
  /** @param tell receives sentences on what goes on. */
  connection(loaded: LoadedScenario, tell: (sentence: string) => void): LiveConnection;
  close(): void;
}

/** The server of `--control`, if it was given. @throws InputError with every problem of its options. */
export function underControl(
  options: OptionReader<typeof declared>,
  files: CommandFiles,
): UnderControl | undefined {
  const gathering = new ProblemGathering();
  const address = options.get('--control');
  const complain = (flag: '--control' | '--token-file', message: string) => {
    gathering.add({ ...options.at(flag), message });
  };
  const tokenFile = options.get('--token-file');
  const token =
    tokenFile === undefined
      ? process.env['PIPEWATT_TOKEN']
      : gathering.attempt(() => files.read(tokenFile, 'token').trim());
  if (address === undefined && tokenFile !== undefined) {
    complain('--token-file', 'was given without --control, which needs it');
  }
  const url = address === undefined ? undefined : serverUrl(address);
  if (address !== undefined && url === undefined) {
    complain(
      '--control',
      `found "${addressWithoutPassword(address)}", expected the address of pipewatt serve, such as http://127.0.0.1:7787 (a token goes into --token-file or PIPEWATT_TOKEN)`,
    );
  }
  gathering.throwIfAny();
  if (url === undefined) return undefined;
  const server = new ControlServer({ url, token, timeLimitS: options.get('--time-limit') });
  const upload = options.get('--upload');
  return {
    connection: ({ scenario, profile }, tell) =>
      controlConnection({ server, source: profile, policy: policyFor(scenario), upload, tell }),
    close: () => {
      server.close();
    },
  };
}

function serverUrl(address: string): URL | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isPlain = url !== undefined && `${url.username}${url.password}${url.search}` === '';
  return isPlain && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** The policy to plan with: perseus, or the last that the scenario compares. */
function policyFor({ policies }: LoadedScenario['scenario']): string | undefined {
  return policies.includes('perseus') ? 'perseus' : policies.at(-1);
}
