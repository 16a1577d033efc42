import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { guarded } from '../../sim/cli/page-server.js';
import { contentOfLink } from '../../sim/explorer/link.js';
import { readScenario } from '../../sim/explorer/scenario-reader.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

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

test('a scenario is opened by the link that is printed, its profile with it', async (t) => {
  for (const name of ['scenarios/what-if/combination.yaml', 'test/fixtures/good/two-stages.yaml']) {
    const path = projectFile(name);
    const { address, stop } = await serve(t, path, '--port', '0');
    const [, link] = /^http:\/\/127\.0\.0\.1:\d+\/#(1\..+)$/.exec(address)!;
    const { files, ...more } = await contentOfLink(link!);
    t.deepEqual(more, {});
    t.deepEqual(readScenario(files), { scenario: parseScenario(readFileSync(path, 'utf8'), path) });
    const csv = projectFile('test/fixtures/good/two-stages.csv');
    t.is(files.csv?.text, name.includes('two-stages') ? readFileSync(csv, 'utf8') : undefined);
    t.is((await fetch(address)).status, 200);
    t.is(await stop('SIGINT'), 0);
  }
});

test('a scenario that cannot be run, or not in the page, is wrong input, with the options', async (t) => {
  const folder = temporaryFolder(t);
  const path = `${folder}/s.yaml`;
  const tried = async (yaml: string, ...options: string[]) => {
    writeFileSync(path, yaml);
    const { code, out, err } = await begin(['explore', path, ...options]).ended;
    t.deepEqual([code, out], [2, '']);
    return err.replaceAll(folder, '').trim().split('\n');
  };
  const pipeline = 'pipeline: { stages: 4, microbatches: 8 }\n';
  t.deepEqual(
    await tried(
      `name: s\nprofile: { catalog: gpt3-175b-a41 }\npipeline: { stages: 0, microbatches: 8 }\n`,
      ...['--port', 'x'],
    ).then((lines) => lines.map((line) => line.slice(0, 60))),
    [
      'pipewatt explore, --port: found "x", expected a whole number',
      '/s.yaml:2, profile.catalog: found "gpt3-175b-a41", expected ',
      '/s.yaml:3, pipeline.stages: found 0, expected a number of at',
    ],
  );
  writeFileSync(
    `${folder}/mine.yaml`,
    readFileSync(projectFile('scenarios/catalog/gpus/h100-sxm.yaml')),
  );
  t.deepEqual(
    await tried(
      `name: s\nprofile: { model: llama-3-8b, gpu: mine.yaml, microbatch: 1 }\n${pipeline}`,
    ),
    [
      '/s.yaml, profile.gpu: found the file mine.yaml, but the page knows only models and GPUs of the catalog; pipewatt synth makes a profile of it, which a scenario can name as profile.csv',
    ],
  );
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
    err: `pipewatt explore, --port: found ${port}, but another program already uses that port; choose another one, or 0 for any that is free\n`,
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
    err: 'pipewatt explore, --host: found "203.0.113.7", which is not a name or address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 all of its addresses\n',
  });
});

/** The status that a raw request gets, whatever a well-behaved client would refuse to send. */
async function statusOf(address: string, ...lines: string[]): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  const [first, ...headers] = lines;
  socket.write([first, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'));
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
  await once(socket, 'close');
  return answer.split(' ')[1]!;
}

test('no request ends the server: malformed ranges are refused by 416', async (t) => {
  const { address, stop } = await serve(t, '--port', '0');
  const size = (await (await fetch(address)).arrayBuffer()).byteLength;
  const get = 'GET / HTTP/1.1';
  for (const [range, status] of [
    ['bytes=5-2', '416'],
    ['bytes=abc', '416'],
    ['bytes=-', '416'],
    ['bytes=-0', '416'],
    ['bytes=1e9-', '416'],
    ['bytes=--5', '416'],
    ['bytes=99999999999-', '416'],
    [`bytes=${'9'.repeat(400)}-`, '416'],
    ['lines=0-5', '416'],
    ['bytes=0-5', '206'],
    ['bytes=-5', '206'],
    [`bytes=0-${size * 2}`, '200'],
    ['bytes=0-1,3-4', '200'],
  ] as const) {
    t.is(await statusOf(address, get, `Range: ${range}`), status, range);
  }
  for (const [request, status] of [
    ['GET /%E0%A4%A HTTP/1.1', '404'],
    ['GET /../../../etc/passwd HTTP/1.1', '404'],
    ['GET //host:99999999/ HTTP/1.1', '404'],
    ['GET http://[::1 HTTP/1.1', '404'],
    ['GET * HTTP/1.1', '404'],
    ['POST / HTTP/1.1', '405'],
    ['nonsense', '400'],
  ] as const) {
    t.is(await statusOf(address, request), status, request);
  }
  const part = await fetch(address, { headers: { Range: 'bytes=0-14' } });
  t.is(part.headers.get('content-range'), `bytes 0-14/${size}`);
  t.is(await part.text(), '<!doctype html>');
  t.is((await fetch(address)).status, 200, 'it lives on');
  t.is(await stop('SIGTERM'), 0);
});

test('what a handler throws is answered by 500 and told, and the server lives on', async (t) => {
  const told: string[] = [];
  const throwing = guarded(
    ({ url }, response) => {
      if (url === '/bad') throw new RangeError('out of range');
      response.end('good');
    },
    (sentence) => told.push(sentence),
  );
  const server = createHttpServer(throwing);
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.is((await fetch(`${address}/bad`)).status, 500);
  t.is(await (await fetch(`${address}/good`)).text(), 'good');
  t.deepEqual(told, ['GET /bad failed: out of range']);
});
