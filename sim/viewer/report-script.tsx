import { render, type ComponentType } from 'preact';
import { DataChart } from './data-chart.js';
import { Frontier } from './frontier/frontier.js';
import { Timeline } from './timeline/timeline.js';
import { SweepView } from './sweep/sweep-view.js';

/** The components of islands, by name. Their properties are the island's data. */
const ISLANDS: Readonly<Record<string, ComponentType<never>>> = {
  chart: DataChart,
  frontier: Frontier,
  timeline: Timeline,
  sweep: SweepView,
};

/** Brings the islands of a report to life; it is the script in the report itself. */
for (const place of document.querySelectorAll<HTMLElement>('[data-island]')) {
  const Part = ISLANDS[place.dataset['island']!] as ComponentType<object> | undefined;
  const { textContent } = place.nextElementSibling!;
  if (Part === undefined) continue;
  const data = JSON.parse(textContent) as object;
  render(<Part {...data} />, place);
}
