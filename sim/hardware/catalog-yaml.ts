import { Document, isScalar, visit } from 'yaml';

/**
 * Writes an entry of the catalog as YAML, lists of numbers on one line. Equal entries give equal
 * bytes.
 */
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
