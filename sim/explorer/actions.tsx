import { useState } from 'preact/hooks';
import { FileButton } from './file-drop.js';
import { linkOf } from './link.js';
import { filesOf, type WhatIf } from './what-if.js';

/** Actions on the what-if as a whole. */
export function Actions(props: { whatIf: WhatIf; onFiles: (files: readonly File[]) => void }) {
  const { whatIf, onFiles } = props;
  const [copied, setCopied] = useState<Copied>();
  const { name, yaml, csv } = filesOf(whatIf);
  const copy = async () => {
    const link = await linkOf(filesOf(whatIf));
    const address = new URL(`#${link}`, location.href).href;
    setCopied({ whatIf, address, isCopied: await intoClipboard(address) });
  };
  const isFresh = copied?.whatIf === whatIf;
  return (
    <div class="actions" role="group" aria-label="Scenario">
      <FileButton label="Open scenario" accept=".yaml,.yml,.csv" onFiles={onFiles} />
      <button
        type="button"
        onClick={() => {
          download(name, yaml, 'application/yaml');
        }}
      >
        Download scenario
      </button>
      {csv !== undefined && (
        <button
          type="button"
          onClick={() => {
            download(csv.name, csv.text, 'text/csv');
          }}
        >
          Download profile
        </button>
      )}
      <button type="button" onClick={() => void copy()}>
        Copy link
      </button>
      <span class="quiet" role="status">
        {isFresh && copied.isCopied ? 'link copied' : ''}
      </span>
      {isFresh && !copied.isCopied && (
        <input class="link" readOnly aria-label="Link to copy" value={copied.address} />
      )}
    </div>
  );
}

interface Copied {
  readonly whatIf: WhatIf;
  readonly address: string;
  readonly isCopied: boolean;
}

/** Writes to the clipboard, which only pages of this machine or served by https may do. */
async function intoClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}
