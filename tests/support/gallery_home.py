"""An app like Home.py with the gallery on its only page: `streamlit run tests/support/gallery_home.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from core.api.app import create_api
from core.api.desk import desk
from core.api.guard import Guard
from core.api.lifespan import lifespan
from ui.server import api_address, apply_options

apply_options(Path(__file__).resolve().parents[2], password=None)
DESK = desk()

app = st.App(
    Path(__file__).with_name("gallery_page.py"),
    routes=[Mount(api_address(), create_api(DESK))],
    middleware=[Middleware(Guard, password=None)],
    lifespan=lambda _: lifespan(DESK),
)
