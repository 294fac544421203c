/** All files that were dropped, those inside folders with their path within them. */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map((entry) => within(entry)))).flat();
}

async function within(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    return [named(file, entry.fullPath)];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...(await within(one)));
  }
}

const MOST_FILES = 500;
const MOST_BYTES = 32 * 2 ** 20;

/** Files in parts that one call may hold: the server takes a thousand at once, and about as many bytes as one file may have. */
export function parcels(files: File[]): File[][] {
  const parts: File[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    const last = parts[parts.length - 1];
    if (!last || last.length >= MOST_FILES || bytes + file.size > MOST_BYTES) {
      parts.push([file]);
      bytes = file.size;
    } else {
      last.push(file);
      bytes += file.size;
    }
  }
  return parts;
}

function named(file: File, path: string): File {
  const name = path.replace(/^\//, "");
  return name === file.name ? file : new File([file], name, { type: file.type, lastModified: file.lastModified });
}
