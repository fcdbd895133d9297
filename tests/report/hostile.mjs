// Texts that try to run, to break out of where they stand, or to fetch something.
export const payloads = [
  '<script>window.ran=1</script>',
  '"><img src=x onerror=window.ran=1>',
  "'><svg onload=window.ran=1>",
  '</style><script>window.ran=1</script>',
  '</title></textarea></svg></desc><script>window.ran=1</script>',
  'javascript:window.ran=1',
  '" autofocus onfocus="window.ran=1" tabindex="1" x="',
  '<!-- --><![CDATA[<script>window.ran=1</script>]]>',
  '&lt;b&gt;&#60;script&#62;window.ran=1&#60;/script&#62;',
  '<iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
  '<a href="javascript:window.ran=1">x</a> {{7*7}} ${7*7}',
];

// Words by which the page is laid out; every other text of the model is a value.
const words = new Set(['direction', 'role', 'encrypted', 'severity', 'kind', 'tls', 'source', 'weight']);

/** The model with each of its texts made hostile, and these by their marks. */
export function hostileModel(model) {
  const texts = new Map(), made = new Map();
  const change = (value, key) => {
    if (Array.isArray(value)) return value.map((each) => change(each, key));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner, name)]));
    }
    if (typeof value !== 'string' || value === '' || words.has(key)) return value;
    if (!made.has(value)) {  // equal texts stay equal, as names that refer to each other must
      const mark = `@${texts.size}@`;
      const text = mark + payloads[texts.size % payloads.length];
      texts.set(mark, text);
      made.set(value, text);
    }
    return made.get(value);
  };
  return {hostile: change(model), texts};
}
