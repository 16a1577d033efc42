import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { visible } from '../../../src/visible.js';
import { chartSvg } from '../../report/charts/chart-svg.js';
import { ChartDrawing } from '../chart-figure.js';
import { InReport } from '../island.js';
import { pageStyle } from './page-style.js';

/** The program that makes a report. */
export interface ReportMaker {
  readonly version: string;
  /** Source of `report-script.tsx`, built; a report without it shows the same, but no tooltips. */
  readonly script?: string | undefined;
}

/** A report: everything in one file, nothing fetched. */
interface Report {
  readonly title: string;
  readonly made: ReportMaker;
  readonly children: ComponentChildren;
}

/** The report as one HTML file that opens from disk. The same report gives the same bytes. */
export function reportPage(report: Report): string {
  const { title, made, children } = report;
  const html = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: pageStyle() }} />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          <InReport.Provider value={true}>
            <ChartDrawing.Provider value={chartSvg}>{children}</ChartDrawing.Provider>
          </InReport.Provider>
        </main>
        <footer>Made by pipewatt {made.version}.</footer>
        {made.script !== undefined && (
          <script dangerouslySetInnerHTML={{ __html: inline(made.script) }} />
        )}
      </body>
    </html>,
  );
  // Controls and marks of direction are shown as escapes, in data and in the script with the same meaning.
  return `<!doctype html>\n${visible(html.replaceAll('\r\n', '\n'))}\n`;
}

/** A script that can be inside of HTML. */
function inline(script: string): string {
  return script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}
