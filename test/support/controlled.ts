import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import { controlServer } from '../../sim/control/serve.js';
import type { ServedDefaults } from '../../sim/control/planning-settings.js';
import { runInProcess } from './in-process.js';

/** A row of results, as `--format json` prints it. */
export type ResultRow = Readonly<Record<string, unknown>>;

/** Runs `use` beside a server that plans, in the tests' own process. */
export async function besidePlanningServer<T>(
  use: (url: string) => Promise<T>,
  options: { readonly token?: string; readonly defaults?: Partial<ServedDefaults> } = {},
): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'controlled-'));
  const { token, defaults } = options;
  const server = await controlServer({
    data,
    defaults: { policy: 'perseus', ...defaults },
    rules: { host: '127.0.0.1', token },
    planning: startPlanning(),
    version: '0',
    warn: () => undefined,
  });
  try {
    await server.app.listen({ port: 0, host: '127.0.0.1' });
    return await use(`http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`);
  } finally {
    await server.close();
    rmSync(data, { recursive: true });
  }
}

/** Columns that a row has only if its planner is a built-in one. */
const OF_BUILT_IN = /^likely_saving/;

/**
 * Runs a scenario whose ranks ask a server.
 * @returns its rows by policy, without their names.
 */
export async function controlledRows(
  url: string,
  path: string,
  ...options: readonly string[]
): Promise<Map<string, ResultRow>> {
  const asked = ['run', path, '--control', url, '--format', 'json', '--no-bound', ...options];
  const { code, out, err } = await runInProcess(asked);
  if (code !== 0) throw new Error(err);
  return rowsOf(out);
}

/** Rows by policy, of a result as JSON. */
export function rowsOf(json: string): Map<string, ResultRow> {
  const { policies } = JSON.parse(json) as { policies: readonly ResultRow[] };
  return new Map(
    policies.map((row) => {
      const figures = Object.entries(row).filter(
        ([name]) => name !== 'policy' && !OF_BUILT_IN.test(name),
      );
      return [row['policy'] as string, Object.fromEntries(figures)];
    }),
  );
}
