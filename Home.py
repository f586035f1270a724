"""The front door: `streamlit run Home.py` or `uvicorn Home:app`."""

import os
import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from core.api.app import create_api
from core.api.desk import desk
from core.api.guard import Guard
from core.api.lifespan import lifespan
from core.errors import SpecimenError
from ui.plot.plotly_js import plotly_route
from ui.server import api_address, apply_options, refuse_unsafe, warm_up

ROOT = Path(__file__).resolve().parent
PASSWORD = os.environ.get("SPECIMEN_PASSWORD")

try:
    apply_options(ROOT, password=PASSWORD)
    refuse_unsafe(password=PASSWORD)
    DESK = desk()
except SpecimenError as exc:
    sys.exit(f"Specimen: {exc}")
warm_up()

app = st.App(
    ROOT / "ui" / "shell.py",
    routes=[plotly_route(), Mount(api_address(), create_api(DESK))],
    middleware=[Middleware(Guard, password=PASSWORD)],
    lifespan=lambda _: lifespan(DESK),
)
