/** Makes an element of SVG with attributes. */
export type SvgMaker = (
  name: 'g' | 'text' | 'path' | 'defs' | 'pattern',
  attributes?: Readonly<Record<string, string | number>>,
) => SVGElement;

/** A maker of elements for marks that draw by themselves, in the document of their chart. */
export function svgMaker(document: Document): SvgMaker {
  return (name, attributes = {}) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  };
}
