/** The script's data of a timeline; pixels are those of the picture's view box. */
export interface ZoomData {
  readonly spanS: number;
  readonly spanUnits: number;
  /** Colours of text on boxes, each from a power on; by power. */
  readonly labelFills: readonly (readonly [fromW: number, fill: string])[];
  readonly left: number;
  readonly plotWidth: number;
  readonly width: number;
  readonly laneHeight: number;
  readonly boxHeight: number;
  readonly forwardHeight: number;
  readonly kinds: readonly string[];
  /** Kinds whose boxes are lower. */
  readonly lowKinds: readonly number[];
  /** Per panel and stage: six numbers a box, [from, width, kind, microbatch, MHz, W]. */
  readonly panels: readonly (readonly (readonly number[])[])[];
}

/**
 * Lets readers enlarge timelines and inspect boxes. Runs in the page of a report, which contains its
 * source: it names nothing outside itself.
 */
// eslint-disable-next-line max-lines-per-function -- a report carries the source of this one function
export function installZoom(
  ticksBetween: (from: number, to: number, about: number) => number[],
): void {
  const FIELDS = 6;
  const LABEL_PX = 15;
  const MOST_LABELS = 2000;
  const SMALLEST_PART = 0.002;
  const SVG = 'http://www.w3.org/2000/svg';

  // eslint-disable-next-line max-lines-per-function -- as above
  const install = (figure: HTMLElement): void => {
    const data = JSON.parse(figure.querySelector('script')!.textContent) as ZoomData;
    const picture = figure.querySelector<SVGSVGElement>('svg.timeline')!;
    const lanes = [...picture.querySelectorAll<SVGSVGElement>('svg.lanes')];
    const labels = [...picture.querySelectorAll<SVGGElement>('g.labels')];
    const axis = picture.querySelector<SVGGElement>('g.axis')!;
    const hint = figure.querySelector<HTMLElement>('.hint')!;
    /** The part of the span that is shown. */
    let [from, until] = [0, 1];

    const element = (name: string, attributes: Record<string, string | number>, text = '') => {
      const made = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
      made.textContent = text;
      return made;
    };

    const drawAxis = (): void => {
      const [fromS, untilS] = [from * data.spanS, until * data.spanS];
      const marks = ticksBetween(fromS, untilS, 10).flatMap((timeS) => {
        const x = ((timeS - fromS) / (untilS - fromS)) * data.plotWidth;
        return [
          element('path', { d: `M${x} 0v5`, stroke: 'currentColor' }),
          element('text', { x, y: 17, 'text-anchor': 'middle' }, String(timeS)),
        ];
      });
      const [line, title] = [axis.firstElementChild!, axis.lastElementChild!];
      axis.replaceChildren(line, ...marks, title);
    };

    const drawLabels = (panel: number): void => {
      const pxPerUnit = data.plotWidth / ((until - from) * data.spanUnits);
      const firstUnit = from * data.spanUnits;
      const made: Element[] = [];
      data.panels[panel]!.forEach((lane, s) => {
        for (let k = 0; k < lane.length && made.length < MOST_LABELS; k += FIELDS) {
          const [start, width, kind, microbatch, , powerW] = lane.slice(k, k + FIELDS);
          const x = (start! + width! / 2 - firstUnit) * pxPerUnit;
          if (width! * pxPerUnit < LABEL_PX || x < 0 || x > data.plotWidth) continue;
          const height = data.lowKinds.includes(kind!) ? data.forwardHeight : data.boxHeight;
          const y = s * data.laneHeight + data.boxHeight - height / 2 + 2.8;
          const fill = data.labelFills.findLast(([fromW]) => powerW! >= fromW)![1];
          made.push(element('text', { x, y, fill }, String(microbatch)));
        }
      });
      labels[panel]!.replaceChildren(...made);
    };

    const draw = (): void => {
      for (const lane of lanes) {
        const height = lane.viewBox.baseVal.height;
        const width = (until - from) * data.spanUnits;
        lane.setAttribute('viewBox', `${from * data.spanUnits} 0 ${width} ${height}`);
      }
      drawAxis();
      data.panels.forEach((_, panel) => {
        drawLabels(panel);
      });
    };

    const show = (start: number, part: number): void => {
      const width = Math.min(1, Math.max(SMALLEST_PART, part));
      from = Math.min(1 - width, Math.max(0, start));
      until = from + width;
      draw();
    };
    /** Enlarges around a point, given as a part of the width, which stays in place. */
    const zoom = (factor: number, at = 0.5): void => {
      const width = until - from;
      const part = Math.min(1, Math.max(SMALLEST_PART, width / factor));
      show(from + at * (width - part), part);
    };
    const move = (byPart: number): void => {
      show(from + byPart * (until - from), until - from);
    };

    /** The position of a pointer, in the picture's pixels from the plot's corner. */
    const placeOf = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
      const box = picture.getBoundingClientRect();
      const scale = data.width / box.width;
      return { x: (clientX - box.left) * scale - data.left, y: (clientY - box.top) * scale };
    };

    const describe = (event: MouseEvent): string => {
      const { x, y } = placeOf(event);
      const unit = (from + (x / data.plotWidth) * (until - from)) * data.spanUnits;
      for (const [panel, picturesLanes] of lanes.entries()) {
        const stage = Math.floor((y - picturesLanes.y.baseVal.value) / data.laneHeight);
        const lane = data.panels[panel]![stage];
        if (lane === undefined) continue;
        for (let k = 0; k < lane.length; k += FIELDS) {
          const [start, width, kind, microbatch, clockMHz, powerW] = lane.slice(k, k + FIELDS);
          if (unit < start! || unit >= start! + width!) continue;
          const perUnit = data.spanS / data.spanUnits;
          return `stage ${stage}, ${data.kinds[kind!]!} of microbatch ${microbatch!}: from ${(start! * perUnit).toFixed(3)} s for ${(width! * perUnit).toFixed(3)} s at ${clockMHz!} MHz, ${powerW!} W per GPU`;
        }
      }
      return '';
    };

    const actions: Record<string, () => void> = {
      in: () => {
        zoom(2);
      },
      out: () => {
        zoom(0.5);
      },
      all: () => {
        show(0, 1);
      },
    };
    figure.addEventListener('click', (event) => {
      const asked = (event.target as HTMLElement).dataset['zoom'];
      if (asked !== undefined) actions[asked]?.();
    });
    const keys: Record<string, () => void> = {
      '+': actions['in']!,
      '=': actions['in']!,
      '-': actions['out']!,
      '0': actions['all']!,
      ArrowLeft: () => {
        move(-0.2);
      },
      ArrowRight: () => {
        move(0.2);
      },
    };
    figure.addEventListener('keydown', (event) => {
      const action = keys[event.key];
      if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    });
    picture.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        zoom(event.deltaY < 0 ? 1.25 : 0.8, placeOf(event).x / data.plotWidth);
      },
      { passive: false },
    );
    let dragged: number | undefined;
    picture.addEventListener('pointerdown', (event) => {
      dragged = event.clientX;
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener('pointerup', () => {
      dragged = undefined;
    });
    picture.addEventListener('pointermove', (event) => {
      if (dragged === undefined) {
        hint.textContent = describe(event);
        return;
      }
      move((dragged - event.clientX) / picture.getBoundingClientRect().width);
      dragged = event.clientX;
    });
  };

  for (const figure of document.querySelectorAll<HTMLElement>('.zoomable')) install(figure);
}
