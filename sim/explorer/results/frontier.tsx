import { most } from '../../../src/extremes.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { energyUnit, fixed } from '../../report/numbers.js';
import type { ShownFrontier } from '../../viewer/shown-run.js';
import { frontierPlot } from './frontier-plot.js';
import { PolicyMark } from '../../viewer/policy-mark.js';

/** The time–energy frontier with each policy's point and the straggler's time. */
export function Frontier({ frontier }: { frontier: ShownFrontier }) {
  const { policies, stragglerTimeS } = frontier;
  const unit = energyUnit(most(policies.map(({ chosen }) => chosen.energyJ)));
  const inUnit = (energyJ: number) => `${fixed(energyJ / unit.joules, 2)} ${unit.name}`;
  return (
    <figure>
      <figcaption>
        <h2>Time–energy frontier</h2>
        <p class="quiet">The possible plans of one pipeline, and those that healthy pipelines run.</p>
      </figcaption>
      <Plot frontier={frontier} />
      <ul class="legend">
        {policies.map(({ policy, chosen }) => (
          <li key={policy}>
            <PolicyMark policy={policy} /> {policy}: {fixed(chosen.timeS, 2)} s,{' '}
            {inUnit(chosen.energyJ)}
          </li>
        ))}
        {stragglerTimeS !== undefined && (
          <li>
            <span class="deadline-mark" aria-hidden="true" /> the straggler needs{' '}
            {fixed(stragglerTimeS, 2)} s
          </li>
        )}
      </ul>
    </figure>
  );
}

/** The picture alone; the legend repeats its figures. */
function Plot({ frontier }: { frontier: ShownFrontier }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const isDark = useDarkScheme();

  useEffect(() => {
    const element = place.current!;
    const { options, data } = frontierPlot(frontier, element, isDark);
    plot.current = new uPlot(options, data, element);
    return () => {
      plot.current?.destroy();
    };
  }, [frontier, isDark]);

  useEffect(() => {
    const element = place.current!;
    const observer = new ResizeObserver(() => {
      const { current } = plot;
      const width = element.clientWidth;
      if (current && width > 0 && current.width !== width) {
        current.setSize({ width, height: current.height });
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  return <div ref={place} class="plot" role="img" aria-label="Energy over iteration time" />;
}

/** Whether the system prefers dark colours; a canvas does not change by itself. */
function useDarkScheme(): boolean {
  const [isDark, setDark] = useState(false);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => {
      setDark(query.matches);
    };
    follow();
    query.addEventListener('change', follow);
    return () => {
      query.removeEventListener('change', follow);
    };
  }, []);
  return isDark;
}
