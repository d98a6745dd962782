"""``python -m forecast_cli`` is ``forecast``."""

from forecast_cli.cli.app import main

if __name__ == "__main__":
    main()
