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

function named(file: File, path: string): File {
  const name = path.replace(/^\//, "");
  return name === file.name ? file : new File([file], name, { type: file.type, lastModified: file.lastModified });
}
