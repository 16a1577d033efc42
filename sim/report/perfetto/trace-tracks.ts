import { traceMicroseconds, type TraceEvent, type TracePlace } from './trace-events.js';

/** Names a process and places it after those with lower numbers. */
export function processEvents(pid: number, name: string): TraceEvent[] {
  const place = { pid, tid: pid };
  return [
    { ph: 'M', ...place, name: 'process_name', args: { name } },
    { ph: 'M', ...place, name: 'process_sort_index', args: { sort_index: pid } },
  ];
}

/** Names a thread and gives its place within its process, lower numbers first. */
export function threadEvents(place: TracePlace, name: string, sortIndex: number): TraceEvent[] {
  return [
    { ph: 'M', ...place, name: 'thread_name', args: { name } },
    { ph: 'M', ...place, name: 'thread_sort_index', args: { sort_index: sortIndex } },
  ];
}

/** A counter of a process: an event at each change of its value. */
export function counterTrack(
  place: TracePlace,
  name: string,
  unit: string,
): (tick: number, value: number) => TraceEvent[] {
  let last: number | undefined;
  return (tick, value) => {
    if (value === last) return [];
    last = value;
    return [{ ph: 'C', ...place, name, ts: traceMicroseconds(tick), args: { [unit]: value } }];
  };
}
