import { Document, isScalar, visit } from 'yaml';

/** An entry of the catalog as YAML, lists of numbers on one line; the same entry, the same bytes. */
export function printEntry(entry: object): string {
  const document = new Document(entry);
  visit(document, {
    Seq: (_, list) => {
      if (list.items.every((item) => isScalar(item) && typeof item.value === 'number')) {
        list.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 240, flowCollectionPadding: false });
}
