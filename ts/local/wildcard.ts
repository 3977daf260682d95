/** Whether `text` is what `pattern` stands for: `*` for any text, `?` for any one character. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '[^]*';
    return part === '?' ? '[^]' : part.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(text);
}
