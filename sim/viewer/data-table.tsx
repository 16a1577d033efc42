/** A column whose cells all match this is a column of numbers. */
const NUMBER_CELL = /^$|^[—±+−-]?\s*[\d.]|^—$/u;

interface DataTableProps {
  /** Headings may have several lines. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The name that screen readers say. */
  readonly label: string;
}

/** A table; if it is too wide it is scrolled, by keyboard too, and printed whole in smaller letters. */
export function DataTable({ head, rows, label }: DataTableProps) {
  const isText = head.map((_, k) => k > 0 && !rows.every((row) => NUMBER_CELL.test(row[k] ?? '')));
  const className = (k: number) => (isText[k] ? { class: 'text' } : {});
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table style={`--columns:${head.length}`}>
        <thead>
          <tr>
            {head.map((text, k) => (
              <th key={k} scope="col" {...className(k)}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {row.map((text, k) => (
                <td key={k} {...className(k)}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
