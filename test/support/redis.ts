import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import anyTest, { type ExecutionContext } from 'ava';

const available = spawnSync('redis-server', ['--version']).status === 0;

/**
 * A test that needs a Redis. On a machine without redis-server it says by name that it was left
 * out; in CI nothing may be left out, so there it fails.
 */
export function testWithRedis(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  anyTest.serial(title, async (t) => {
    if (available) {
      await body(t);
      return;
    }
    t.log(`left out: "${title}" needs redis-server`);
    t.is(process.env['CI'], undefined, 'in CI redis-server must be there');
  });
}

/** A Redis of a test's own, which forgets everything when it is stopped. */
export class TestRedis {
  private server: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.begin();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Stops it, and starts it again without what it knew. */
  async restart(): Promise<void> {
    await this.stop();
    await this.begin();
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    server.kill('SIGKILL');
    await once(server, 'close');
  }

  private async begin(): Promise<void> {
    const args = ['--port', String(this.port), '--save', '', '--appendonly', 'no'];
    const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.server = server;
    for await (const data of server.stdout) {
      if (String(data).includes('Ready to accept connections')) break;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
