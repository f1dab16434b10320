"""The panel, aged year by year by a Prefect flow, and the folder in which its years lie."""
