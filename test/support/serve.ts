import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFile } from './files.js';

/** A real `pipewatt serve` of a test's own, which can be killed and started again. */
export class TestServer {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'serve-'));
  private known: URL | undefined;
  private told = '';

  private constructor(private readonly args: readonly string[]) {}

  /** @param args further options of `serve`. */
  static async start(...args: string[]): Promise<TestServer> {
    const server = new TestServer(args);
    await server.begin();
    return server;
  }

  get url(): string {
    return this.known!.href.replace(/\/$/, '');
  }

  get port(): number {
    return Number(this.known!.port);
  }

  get pid(): number {
    return this.child!.pid!;
  }

  /** Whether it runs still, and what it said on standard error. */
  get end(): { readonly code: number | null; readonly err: string } {
    return { code: this.child?.exitCode ?? null, err: this.told };
  }

  /** Ends it without any warning, as the kernel does when memory is short. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  }

  /** Starts it again at the same address, with the data that it left. */
  async restart(): Promise<void> {
    await this.kill();
    await this.begin();
  }

  /** Stops it as Ctrl-C does, and removes its data. @returns its exit code. */
  async stop(): Promise<number | null> {
    const { child } = this;
    this.child = undefined;
    let code: number | null = null;
    if (child !== undefined && child.exitCode === null) {
      child.kill('SIGTERM');
      [code] = (await once(child, 'close')) as [number | null];
    }
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }

  private async begin(): Promise<void> {
    const port = this.known === undefined ? '0' : this.known.port;
    const main = projectFile('dist/sim/cli/main.js');
    const where = ['--port', port, '--data', join(this.folder, 'jobs')];
    const child = spawn(process.execPath, [main, 'serve', ...where, ...this.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.on('data', (data: Buffer) => (this.told += data.toString()));
    let out = '';
    for await (const data of child.stdout) {
      out += String(data);
      if (out.includes('\n')) break;
    }
    if (!URL.canParse(out.trim())) throw new Error(`serve did not start: ${out}${this.told}`);
    this.known = new URL(out.trim());
  }
}
