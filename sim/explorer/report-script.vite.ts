import { defineConfig } from 'vite';

/** The script of reports: one file that every report contains. */
export default defineConfig({
  build: {
    outDir: '../../dist/viewer',
    emptyOutDir: true,
    target: 'es2023',
    license: { fileName: 'licenses.md' },
    lib: {
      entry: '../viewer/report-script.tsx',
      name: 'pipewattReport',
      formats: ['iife'],
      fileName: () => 'report.js',
    },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
