import type * as firstPaintModule from './first-paint.js';
import { defineConfig, runnerImport, type Plugin, type UserConfig } from 'vite';

const JSX: Pick<UserConfig, 'oxc'> = {
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};

/** Puts the first step of the page into its HTML, so that it is painted without its script. */
const paintedFirst: Plugin = {
  name: 'painted-first',
  transformIndexHtml: async (html) => {
    const { pathname } = new URL('first-paint.tsx', import.meta.url);
    const { module } = await runnerImport<typeof firstPaintModule>(decodeURI(pathname), {
      ...JSX,
      configFile: false,
    });
    const { style, body } = module.firstPaint();
    return html.replace('<!--looks-->', () => style).replace('<!--page-->', () => body);
  },
};

/** A folder of files that any web server can serve, at any path. */
export default defineConfig({
  base: './',
  plugins: [paintedFirst],
  build: {
    outDir: '../../dist/explorer',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
  },
  worker: { format: 'es' },
  ...JSX,
});
