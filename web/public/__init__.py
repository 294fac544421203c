"""The pages as they are served, built from `web/` by `npm run build`; do not change them here."""
