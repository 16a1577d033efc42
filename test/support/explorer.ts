import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { pageHandler } from '../../sim/cli/page-server.js';
import { chromiumOfFile } from './chromium.js';
import { projectFile } from './files.js';

/** Width and height of a window, and which colours the system prefers. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
}

export const WIDE: Look = { width: 1400, height: 1000, colorScheme: 'light' };

/** The step with all controls. */
const LAST_STEP = '#step-5';

/**
 * The built page, served before a file's tests and until they have ended, and a Chromium that opens it.
 * Called at the top of a file.
 */
export function siteOfFile(): TestSite {
  const browser = chromiumOfFile();
  const serve = pageHandler(projectFile('dist/explorer'));
  const server = createServer((request, response) => {
    // Not at the top: a page must run at whatever path it is put.
    if (request.url?.startsWith(PATH) !== true) {
      response.writeHead(404).end();
      return;
    }
    request.url = request.url.slice(PATH.length - 1);
    serve(request, response);
  });
  test.before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  test.after.always(() => {
    server.closeAllConnections();
    server.close();
  });
  return new TestSite(server, browser);
}

/** The built page below some path of a web server of the test's own. */
class TestSite {
  constructor(
    private readonly server: Server,
    readonly browser: () => Browser,
  ) {}

  get address(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${PATH}`;
  }

  /** Opens the page, at the step with all controls if no other is named, and waits for its first answer. */
  async open(t: ExecutionContext, hash = LAST_STEP, look: Look = WIDE): Promise<OpenPage> {
    const { width, height, colorScheme } = look;
    const context = await this.browser().newContext({
      viewport: { width, height },
      colorScheme,
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const heard: string[] = [];
    page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => heard.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(this.address) && !/^(data|blob):/.test(request.url())) {
        heard.push(`fetched ${request.url()}`);
      }
    });
    t.teardown(() => context.close());
    await page.goto(this.address + hash);
    const open = new OpenPage(page, heard);
    await open.settled();
    return open;
  }
}

const PATH = '/some/where/';

/** Longer than any answer takes, on a busy machine too. */
const PATIENCE = { timeout: 60_000 };

/** The page in a window. */
export class OpenPage {
  constructor(
    readonly page: Page,
    /** Messages of the console, and requests to other hosts. */
    readonly heard: readonly string[],
  ) {}

  /** Waits until what is shown belongs to what is chosen. */
  async settled(): Promise<void> {
    await this.page.locator('.results[data-state=ready]').waitFor(PATIENCE);
  }

  /** Waits for the answer after doing something that asks. */
  async after(act: () => Promise<unknown>): Promise<void> {
    const before = await this.paintCount();
    await act();
    await this.page.waitForFunction(
      (count) =>
        performance.getEntriesByName('pipewatt:painted').length > count &&
        document.querySelector('.results[data-state=ready]') !== null,
      before,
      PATIENCE,
    );
  }

  private paintCount(): Promise<number> {
    return this.page.evaluate(() => performance.getEntriesByName('pipewatt:painted').length);
  }

  /** The large number, in percent: `27.62`. */
  async saved(): Promise<string> {
    return (await this.page.locator('.saved b').innerText()).replace(/\s*%$/, '');
  }

  /** The sentences beside it. */
  sentences(): Promise<string[]> {
    return this.page.locator('.sentences p').allInnerTexts();
  }

  /** The problems, one per line. */
  problems(): Promise<string[]> {
    return this.page.locator('.problems li').allInnerTexts();
  }

  /** The table's rows, cells joined by blanks. */
  async rows(): Promise<string[]> {
    const rows = await this.page
      .getByRole('region', { name: 'Energy bloat removed' })
      .locator('tbody tr')
      .allInnerTexts();
    return rows.map((row) => row.replaceAll(/\s+/g, ' ').trim());
  }

  /** Chooses or drops files, as if from a disk. */
  async give(...paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => ({
      name: path.split('/').at(-1)!,
      mimeType: 'text/plain',
      buffer: readFileSync(projectFile(path)),
    }));
    await this.after(() => this.page.getByLabel('Open scenario').setInputFiles(files));
  }

  /** Sets the text of a field. */
  async type(label: string, text: string): Promise<void> {
    await this.after(() => this.page.getByLabel(label, { exact: true }).fill(text));
  }
}
