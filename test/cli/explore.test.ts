import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

/** Serves the page; its address, and how to end it as Ctrl-C does. */
async function serve(t: ExecutionContext, ...options: string[]) {
  const child = spawn(
    process.execPath,
    [projectFile('dist/sim/cli/main.js'), 'explore', ...options],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const [address] = (await once(child.stdout, 'data')) as [Buffer];
  const stop = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'close');
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  return { address: address.toString('utf8').trim(), stop };
}

test('the page is served with all that it needs, until Ctrl-C', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { address, stop } = await serve(t, '--port', '0');
    t.regex(address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(address);
    t.is(page.headers.get('content-type'), 'text/html;charset=utf-8');
    const text = await page.text();
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(text)![1]!;
    const response = await fetch(address + script);
    t.is(response.headers.get('content-type'), 'text/javascript');
    const [worker] = /assets\/calculation-worker[^"`']*\.js|calculation-worker[^"`']*\.js/.exec(
      await response.text(),
    )!;
    t.is((await fetch(`${address}assets/${worker.replace('assets/', '')}`)).status, 200);
    t.is((await fetch(`${address}nowhere.html`)).status, 404);
    t.is((await fetch(`${address}..%2f..%2fpackage.json`)).status, 404);
    t.is(await stop(signal), 0);
  }
});

test('a port that is taken is wrong input, with a way out', async (t) => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  t.deepEqual(await begin(['explore', '--port', String(port)]).ended, {
    code: 2,
    out: '',
    err: `pipewatt explore, --port: found ${port}, but another program uses that port already; choose another one, or 0 for any that is free\n`,
  });
});

test('wrong options are named', async (t) => {
  const { code, err } = await begin(['explore', '--port', '70000', '--host', '']).ended;
  t.is(code, 2);
  t.deepEqual(err.trim().split('\n'), [
    'pipewatt explore, --port: found "70000", expected a whole number from 0 to 65535',
    'pipewatt explore, --host: is missing, expected a name or address of this machine',
  ]);
  t.deepEqual(await begin(['explore', '--port', '0', '--host', '203.0.113.7']).ended, {
    code: 2,
    out: '',
    err: 'pipewatt explore, --host: found "203.0.113.7", which is no name or address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 all of its addresses\n',
  });
});
