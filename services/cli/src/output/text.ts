/**
 * Text from outside made safe for a terminal: control characters become visible, so that a record from the publisher cannot
 * move the cursor or rewrite what was printed.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** At most `width` characters; `…` stands for what was cut. */
export function truncate(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width <= 1 ? '…'.slice(0, width) : `${characters.slice(0, width - 1).join('')}…`;
}

export const visibleLength = (text: string): number => [...text].length;

/** Words wrapped to `width`, every line after the first indented by `indent`; blanks at the front stay. */
export function wrap(text: string, width: number, indent = ''): string {
  const [first = '', ...words] = text.trimEnd().split(/(?<=\S)\s+/);
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    if (visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
