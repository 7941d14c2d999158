const quotes = /["'`]/g
export const plain = (text) => text.replace(quotes, "").split(/\/\*/)
